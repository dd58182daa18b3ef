declare module 'crc-32/crc32c.js' {
  const crc32c: typeof import('crc-32')
  export default crc32c
}
