/** The headers that a page may read from a bucket's answers, to uploads and to downloads: CORS hides others from it. */
export const exposedHeaders = [
  'Accept-Ranges',
  'Content-Disposition',
  'Content-Length',
  'Content-Range',
  'ETag',
  'Range',
  'x-goog-generation',
  'x-goog-hash',
] as const
