/** The classes of Cloud Storage in which objects are kept, from the dearest to keep to the dearest to read. */
export const storageClasses = ['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE'] as const
export type StorageClass = (typeof storageClasses)[number]
