import * as z from 'zod'

const controlCharacters = /\p{Cc}/gu

const ofFairLength = z.string().max(1000, 'must have at most 1000 characters')

/** The name that a person gave a file, without a path and control characters; never empty. */
export const cleanFilename = ofFairLength
  .transform((name) => {
    const base = (name.toWellFormed().split(/[\\/]/).at(-1) ?? '').replace(controlCharacters, '').trim()
    return base === '' || base === '.' || base === '..' ? 'video' : composed(base)
  })
  .pipe(ofFairLength)

/** How a file's name begins, as it would be kept. */
export const filenamePrefix = ofFairLength.transform(composed).pipe(ofFairLength)

/** As most write it: macOS takes letters apart, so that a name would not be found, and is shown apart elsewhere. */
function composed(name: string): string {
  return name.normalize('NFC')
}
