import { topicFunction } from '../shared/event-function.ts'
import { httpFunction } from '../shared/http-function.ts'
import { newActor } from '../shared/jobs.ts'
import { followLevels, replaceLevels, showLevels } from './level-table.ts'
import { listObjects } from './list.ts'
import { report } from './report.ts'
import { confirm, sayCount } from './say-count.ts'
import { tend, tendAccesses } from './tend.ts'

topicFunction('tier', async ({ accesses, access, object, levelsChanged }) => {
  const actor = newActor('tier')
  const told = accesses ?? (access && [access])
  if (told) await tendAccesses(told, actor)
  if (object !== undefined) await tend(object, actor)
  if (levelsChanged) await followLevels()
})

httpFunction('levels', [
  { method: 'GET', path: '/', access: 'user', handle: showLevels },
  { method: 'PUT', path: '/', access: 'admin', handle: replaceLevels },
  { method: 'POST', path: '/accesses', access: 'user', handle: sayCount },
  { method: 'POST', path: '/confirm', access: 'user', handle: confirm },
  { method: 'GET', path: '/objects', access: 'user', handle: listObjects },
  { method: 'GET', path: '/report', access: 'user', handle: report },
])
