/** A form of one file whose length nobody knows before its end, as it comes. */
export function streamedForm(
  filename: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): RequestInit {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(`--b\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n\r\n`)
    yield* pieces
    yield Buffer.from('\r\n--b--\r\n')
  }
  return {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: ReadableStream.from(body()),
    duplex: 'half',
  }
}

/** A form with these parts, in this order; each file is called video.mp4. */
export function formOf(...parts: [name: string, value: string | Blob][]): FormData {
  const form = new FormData()
  for (const [name, value] of parts) {
    if (typeof value === 'string') form.append(name, value)
    else form.append(name, value, 'video.mp4')
  }
  return form
}
