import { storageClasses, type StorageClass } from '../../lib/storage-class.ts'

/** What is kept in one storage class. */
export interface ClassUse {
  objects: number
  bytes: number
  /** US$. */
  costPerMonth: number
}

/** A report's levels, added up by storage class. */
export function byClass(
  levels: readonly (ClassUse & { storageClass: StorageClass })[],
): Record<StorageClass, ClassUse> {
  const sum = (storageClass: StorageClass): ClassUse =>
    levels
      .filter((level) => level.storageClass === storageClass)
      .reduce(
        (total, { objects, bytes, costPerMonth }) => ({
          objects: total.objects + objects,
          bytes: total.bytes + bytes,
          costPerMonth: total.costPerMonth + costPerMonth,
        }),
        { objects: 0, bytes: 0, costPerMonth: 0 },
      )
  const [standard, nearline, coldline, archive] = storageClasses
  return {
    [standard]: sum(standard),
    [nearline]: sum(nearline),
    [coldline]: sum(coldline),
    [archive]: sum(archive),
  }
}
