import type { JobErrorCode } from '../problems.ts'

/** What its owner can do about a failed job, beside what the error itself says. */
export const jobAdvice: Record<JobErrorCode, string> = {
  NOT_MEDIA: 'Upload a video in one of these formats.',
  NO_AUDIO: 'Check that it is the right file: there is nothing to make an MP3 of.',
  UNSUPPORTED_AUDIO: 'Upload a version with unprotected sound in a common format, such as AAC or MP3.',
  TRUNCATED: 'If the file is broken where it comes from, get another copy.',
  CORRUPT: 'Get an undamaged copy, and upload that.',
  TOO_LONG: 'Cut the video into shorter parts, and upload those.',
  GAVE_UP: 'You can retry it on its page.',
  UPLOAD_ABANDONED: 'On the page, an upload that breaks off can be resumed within a week.',
  SOURCE_GONE: 'Uploaded videos are kept for some days only.',
}
