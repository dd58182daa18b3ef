import type { ObjectInfo } from '../ports.ts'

/** The object as Cloud Storage's JSON API shows it and as its events carry it: numbers are strings. */
export function objectResource(info: ObjectInfo): Record<string, unknown> {
  const time = info.timeCreated.toISOString()
  return {
    kind: 'storage#object',
    id: `${info.bucket}/${info.name}/${info.generation}`,
    bucket: info.bucket,
    name: info.name,
    generation: info.generation,
    metageneration: '1',
    contentType: info.contentType,
    storageClass: info.storageClass,
    size: String(info.size),
    crc32c: info.crc32c,
    etag: info.generation,
    metadata: info.metadata,
    timeCreated: time,
    updated: time,
    timeStorageClassUpdated: time,
  }
}
