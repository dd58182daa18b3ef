import { platform } from '../../platform/index.ts'

/** Deletes every object of a bucket whose name starts with `prefix`. */
export async function deleteByPrefix(bucket: string, prefix: string): Promise<void> {
  const objects = await platform().objects()
  for await (const { name } of objects.list(bucket, prefix)) await objects.delete({ bucket, name })
}
