import { findFfmpeg } from './find-ffmpeg.ts'

// Imported first: the look takes place while all the rest is loaded. Whoever needs ffmpeg hears what came of it.
findFfmpeg().catch(() => {})
