/** Throws RangeError for what Cloud Storage does not take as an object's name. */
export function checkObjectName({ bucket, name }: { bucket: string; name: string }): void {
  const bytes = Buffer.byteLength(name)
  const fits = bytes >= 1 && bytes <= 1024 && name.isWellFormed()
  if (!fits || /[\r\n]/.test(name) || name === '.' || name === '..')
    throw new RangeError(
      `${JSON.stringify(name)} in ${bucket} is not an object's name: 1 to 1024 bytes of UTF-8 without line ends, not . or ..`,
    )
}
