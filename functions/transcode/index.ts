import { findFfmpeg } from './media/find-ffmpeg.ts'

// The look takes place while all the rest is loaded; an import of the usual kind would be loaded before it.
const look = findFfmpeg()
look.catch(() => {}) // Until it is waited for.
await import('./register.ts')
// A transcoder without ffmpeg must not start: it would use up the attempts of every job that it gets.
await look
