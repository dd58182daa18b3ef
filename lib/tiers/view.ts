import { heatNow, type TieredObject } from './tiered-object.ts'

/** An object as the API shows it. Times are ISO 8601, sizes bytes. */
export function viewObject(
  id: string,
  object: TieredObject,
  halfLifeDays: number,
  now: Date,
): Record<string, unknown> {
  const { jobId, filename, bytes, level, storageClass, count, requests, bytesRead, classSince, move } = object
  return {
    id,
    jobId,
    filename,
    bytes,
    ...(level !== '' && { level }),
    storageClass,
    count,
    heat: Math.round(heatNow(object, halfLifeDays, now) * 1000) / 1000,
    requests,
    bytesRead,
    classSince: classSince.toISOString(),
    ...(move && {
      move: {
        from: move.from,
        to: move.to,
        worker: move.worker,
        status: move.status,
        ...(move.reason && { reason: move.reason }),
        begunAt: move.begunAt.toISOString(),
      },
    }),
    generatedAt: object.createdAt.toISOString(),
    updatedAt: object.updatedAt.toISOString(),
  }
}
