import { PageError } from '../api/errors.ts'

/** Lets the browser ask before the page is left while `isBusy`: what is under way would be lost. */
export function guardLeaving(isBusy: () => boolean): void {
  addEventListener('beforeunload', (event) => {
    if (isBusy()) event.preventDefault()
  })
}

/** An address that has been asked for holds no longer; by then its download has begun, or never will. */
const frameMilliseconds = 5 * 60 * 1000

/**
 * Has the browser download an attachment. Where the bucket refuses it, or cannot be reached, there is a document in its place:
 * in the page's own window it would take the place of the page and of its uploads, so it is asked for in a frame. (A link's
 * `download` does not help: for another origin browsers take no notice of it.) Only a document says that it is loaded, and
 * then `onRefused` hears of it; what is downloaded never comes to be one. That the bucket answers with `sandbox` does not
 * keep anything from being downloaded: this holds for documents.
 */
export function openAttachment(url: string, onRefused: (why: PageError) => void): void {
  const frame = document.createElement('iframe')
  frame.hidden = true
  frame.src = url
  // A browser may say so of the empty document, too, that each frame has first.
  frame.addEventListener('load', () => {
    if (isEmpty(frame)) return
    frame.remove()
    onRefused(new PageError('NOT_DOWNLOADED'))
  })
  document.body.append(frame)
  setTimeout(() => frame.remove(), frameMilliseconds)
}

/** Whether it still has the document that it began with: what comes of another origin cannot be looked at. */
function isEmpty({ contentDocument }: HTMLIFrameElement): boolean {
  return contentDocument?.URL === 'about:blank'
}
