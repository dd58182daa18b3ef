import * as z from 'zod'

const controlCharacters = /\p{Cc}/gu

/** The name that a person gave a file, without a path and control characters; never empty. */
export const cleanFilename = z
  .string()
  .max(1000, 'must have at most 1000 characters')
  .transform((name) => {
    const base = (name.toWellFormed().split(/[\\/]/).at(-1) ?? '').replace(controlCharacters, '').trim()
    return base === '' || base === '.' || base === '..' ? 'video' : base
  })
