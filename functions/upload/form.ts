import type { IncomingMessage } from 'node:http'
import { finished, type Readable } from 'node:stream'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import { bodyHeaders } from '../../lib/http/raw-request.ts'
import { Problem } from '../../lib/problems.ts'

/** A form up to its file, whose bytes are still to come. */
export interface UploadForm {
  fields: Record<string, string>
  filename: string
  contentType: string
  /** Ends when the whole form has been read and was right; throws a Problem where it was not. */
  file: AsyncIterable<Uint8Array>
}

// The bytes that may wait between the network and the store.
const bufferBytes = 1024 * 1024

/** Reads a multipart form of fields and then one file, as it comes in. Throws a Problem where there is no such form. */
export function readUploadForm(req: IncomingMessage): Promise<UploadForm> {
  const { promise, resolve, reject } = Promise.withResolvers<UploadForm>()
  const end = Promise.withResolvers<void>()
  // Until somebody reads the file, nobody waits for its end.
  end.promise.catch(() => undefined)
  // Without a prototype: a field may have any name.
  const fields = Object.create(null) as Record<string, string>
  let file: Readable | undefined

  function fail(problem: Problem): void {
    req.unpipe(form)
    reject(problem)
    end.reject(problem)
    file?.destroy(problem)
  }

  const form = openForm(req)
  form.on('field', (name, value, _nameTruncated, valueTruncated) => {
    if (file)
      fail(
        new Problem('FIELD_AFTER_FILE', `The field ${quote(name)} comes after the file; send fields first.`),
      )
    else if (valueTruncated) fail(new Problem('BAD_MULTIPART', `The field ${quote(name)} is too long.`))
    else fields[name] = value
  })
  form.on('file', (name, stream, filename, _encoding, contentType) => {
    // A second listener's error is this form's error, which `fail` tells already.
    stream.on('error', () => undefined)
    const problem = misplaced(name, filename, file !== undefined)
    if (problem) {
      stream.resume()
      fail(problem)
      return
    }
    file = stream
    resolve({ fields, filename: unescaped(filename), contentType, file: untilEnd(stream, end.promise) })
  })
  form.on('partsLimit', () => fail(new Problem('BAD_MULTIPART', 'The form has too many parts.')))
  form.on('error', (error) => fail(unreadable(error)))
  form.on('finish', () => {
    reject(
      new Problem('NO_FILE', 'The form has no file; send it as the field "file", after the other fields.'),
    )
    end.resolve()
  })
  finished(req, { writable: false }, (error) => {
    if (error) fail(new Problem('BAD_MULTIPART', 'The connection was closed before the whole form had come.'))
  })
  req.pipe(form)
  return promise
}

function openForm(req: IncomingMessage): BusboyInstance {
  const type = bodyHeaders(req)['content-type']
  if (!type || !/^multipart\/form-data\b/i.test(type)) {
    throw new Problem(
      'UNSUPPORTED_MEDIA_TYPE',
      `A file is sent as multipart/form-data; ${type ?? 'no content type'} came.`,
    )
  }
  try {
    return new Busboy({
      headers: { 'content-type': type },
      limits: { parts: 20, fieldSize: 1024, headerPairs: 20 },
      fileHwm: bufferBytes,
    })
  } catch (error) {
    throw unreadable(error)
  }
}

function misplaced(field: string, filename: string | undefined, isSecond: boolean): Problem | undefined {
  if (isSecond) return new Problem('TOO_MANY_FILES', 'A form takes one file; send one form for each.')
  if (field !== 'file')
    return new Problem('NO_FILE', `The file must be the field "file"; it came as ${quote(field)}.`)
  // A form whose file input was left empty sends a file without a name.
  if (!filename) return new Problem('NO_FILE', 'The field "file" has no file.')
  return undefined
}

const unreadable = (error: unknown): Problem =>
  new Problem(
    'BAD_MULTIPART',
    `The form cannot be read: ${error instanceof Error ? error.message : String(error)}`,
  )

/** The file's bytes; their end waits for the end of the form, so that nothing is stored of a form that turns out wrong. */
async function* untilEnd(file: Readable, end: Promise<void>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of file as AsyncIterable<Uint8Array>) yield chunk
  } catch (error) {
    throw error instanceof Problem ? error : unreadable(error)
  }
  await end
}

/** Browsers escape three characters of a file's name (HTML, multipart/form-data encoding algorithm). */
const unescaped = (filename: string): string =>
  filename.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n')

const quote = (text: string): string => JSON.stringify(text)
