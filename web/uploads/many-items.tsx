import type { ComponentChildren } from 'preact'
import { useErrorText } from '../api/error-text.ts'
import { formatBytes } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { useStore } from '../store.ts'
import { EncodingChoice } from './encoding-choice.tsx'
import { encodingFor } from './encodings.ts'
import { Folded, Some } from './folded.tsx'
import { GiveAgain } from './give-again.tsx'
import type { Uploads } from './queue.ts'
import { refusedText, uploadsText } from './text.ts'
import { isLeft, type Upload } from './upload.ts'

interface Props {
  uploads: Uploads
  items: readonly Upload[]
}

/** Those whose turn has not come. */
export function WaitingItem({ uploads, items }: Props) {
  const text = useText(uploadsText)
  const describe = useErrorText()
  const held = items.flatMap(({ state }) => (state.phase === 'waiting' && state.held) || []).at(0)
  const render = ({ id, filename, size, options, jobId }: Upload): ComponentChildren => (
    <li key={id}>
      <Name name={filename} />
      <span class="quiet">{formatBytes(size)}</span>
      {jobId === undefined && (
        <EncodingChoice
          label={text.qualityNamed(filename)}
          value={encodingFor(options)}
          onChange={(chosen) => uploads.setOptions(id, chosen.options)}
        />
      )}
      <button aria-label={text.cancelNamed(filename)} onClick={() => uploads.cancel(id)}>
        {text.cancel}
      </button>
    </li>
  )
  return (
    <li class="file">
      <Folded summary={text.waiting(items.length)}>{() => <Some items={items} render={render} />}</Folded>
      {held !== undefined && <p class="notice warning">{describe(held)}</p>}
    </li>
  )
}

/** Those that waited when the page was left. */
export function LeftItem({ uploads, items }: Props) {
  const text = useText(uploadsText)
  const describe = useErrorText()
  const areKept = items.some(({ state }) => state.phase === 'orphaned' && state.isKept)
  const render = ({ id, filename, size, state }: Upload): ComponentChildren => (
    <li key={id}>
      <Name name={filename} />
      <span class="quiet">{formatBytes(size)}</span>
      {state.phase === 'orphaned' && (
        <GiveAgain uploads={uploads} id={id} filename={filename} isKept={state.isKept} />
      )}
      <button aria-label={text.cancelNamed(filename)} onClick={() => uploads.cancel(id)}>
        {text.cancel}
      </button>
      {state.phase === 'orphaned' && state.error && <p class="notice warning">{describe(state.error)}</p>}
    </li>
  )
  return (
    <li class="file">
      <Folded summary={text.leftWaiting(items.length)}>{() => <Some items={items} render={render} />}</Folded>
      <p class="notice warning">{areKept ? text.mayResumeAll : text.needsFiles}</p>
      <div class="actions below">
        {areKept && (
          <button
            class="primary"
            aria-label={text.resumeNamed(text.files(items.length))}
            onClick={() => void uploads.giveAllAgain()}
          >
            {text.resume}
          </button>
        )}
        <button
          aria-label={text.cancelNamed(text.files(items.length))}
          onClick={() => uploads.cancelThose(isLeft)}
        >
          {text.cancel}
        </button>
      </div>
    </li>
  )
}

/** Those that are not sent, all of them in one sentence. */
export function RefusedItem({ uploads, items }: Props) {
  const text = useText(uploadsText)
  const sentence = useText(refusedText)
  // It is read out once it is complete, rather than anew with each of them.
  const isComplete = !useStore(uploads.state).uploads.some(({ state }) => state.phase === 'checking')
  const render = ({ id, filename, state }: Upload): ComponentChildren => (
    <li key={id} class="reason">
      <Name name={filename} />
      <span class="quiet">{state.phase === 'refused' && text.objection(state.objection)}</span>
    </li>
  )
  const kinds = items.flatMap(({ state }) => (state.phase === 'refused' ? [state.objection.kind] : []))
  return (
    <li class="file">
      <p class="name status bad">{text.status.refused}</p>
      <p class="notice error" {...(isComplete && { role: 'alert' })}>
        {sentence(kinds)}
      </p>
      <Folded summary={text.showThem(items.length)}>{() => <Some items={items} render={render} />}</Folded>
      <div class="actions below">
        <button
          aria-label={text.clearNamed(text.files(items.length))}
          onClick={() => uploads.cancelThose(({ state }) => state.phase === 'refused')}
        >
          {text.clear}
        </button>
      </div>
    </li>
  )
}

const Name = ({ name }: { name: string }) => (
  <bdi class="name" title={name}>
    {name}
  </bdi>
)
