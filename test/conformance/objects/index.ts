import { after, before, describe } from 'node:test'
import { cancelledSessions } from './cancelled-sessions.ts'
import { compose } from './compose.ts'
import { deleteAndList } from './delete-and-list.ts'
import { generations } from './generations.ts'
import { rewrite } from './rewrite.ts'
import { signedUrls } from './signed-urls.ts'
import { suiteOf, type ObjectStoreQuirk, type ObjectStoreUnderTest } from './suite.ts'
import { uploadSessions } from './upload-sessions.ts'
import { writeAndRead } from './write-and-read.ts'

/** What every ObjectStore must do. Sessions and signed URLs are driven over HTTP, through the URLs alone. */
export function objectStoreConformance(
  name: string,
  makeStore: () => Promise<ObjectStoreUnderTest>,
  leftOut: Partial<Record<ObjectStoreQuirk, string>> = {},
): void {
  describe(`ObjectStore on ${name}`, { timeout: 300_000 }, () => {
    let made: ObjectStoreUnderTest
    before(async () => {
      made = await makeStore()
    })
    after(() => made.close())

    const suite = suiteOf(() => made, leftOut)
    for (const part of [
      writeAndRead,
      generations,
      compose,
      rewrite,
      deleteAndList,
      uploadSessions,
      cancelledSessions,
      signedUrls,
    ])
      part(suite)
  })
}
