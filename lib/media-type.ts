/** A media type without parameters, such as `video/mp4` (RFC 6838: "Type and subtype names are limited to 127 characters"). */
export const mediaType = /^[\w.+-]{1,127}\/[\w.+-]{1,127}$/

/** What stands for bytes of which nothing is known. */
export const anyMediaType = 'application/octet-stream'
