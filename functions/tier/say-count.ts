import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { Answer } from '../../lib/http/answer.ts'
import { readJson } from '../../lib/http/input.ts'
import type { UserCall } from '../../lib/http/router.ts'
import { Problem } from '../../lib/problems.ts'
import { chooseByCount } from '../../lib/tiers/count-policy.ts'
import { defaultLevels, levelOf, levelTableId, levelTables } from '../../lib/tiers/levels.ts'
import {
  isMoving,
  placed,
  tieredObjects,
  withCount,
  type TieredObject,
} from '../../lib/tiers/tiered-object.ts'
import { platform } from '../../platform/index.ts'
import { newActor } from '../shared/jobs.ts'
import { findForUser } from './find.ts'
import { workerName } from './move.ts'
import { writeRaised } from './raise-top.ts'
import { settings } from './settings.ts'
import { tellTier } from './tell.ts'

const id = z.string({ error: 'must be the id of a job, or ID.mp4' })

const said = z.strictObject({
  id,
  count: z
    .int({ error: 'must be a whole number' })
    .min(0, 'must be 0 or more')
    .max(Number.MAX_SAFE_INTEGER, 'is too large'),
})

/** Takes a count as the object's, and begins the move to the level in whose range it lies. `tier` makes it. */
export async function sayCount({ req, user }: UserCall): Promise<Answer> {
  const { id: asked, count } = await readJson(req, said)
  const { name } = await findForUser(asked, user)
  const worker = workerName(newActor('levels'))
  const records = await platform().records()
  const { object, target, level } = await records.transact(async (tx) => {
    const { data, readAt: now } = await tx.get(tieredObjects, name)
    const { data: table } = await tx.get(levelTables, levelTableId)
    const levels = table?.levels ?? defaultLevels
    if (!data) throw new Problem('NOT_FOUND', `There is no MP3 or MP4 of a job ${JSON.stringify(asked)}.`)
    const counted = withCount(data, count, now)
    const choice = chooseByCount({ heat: count }, levels, settings.halfLifeDays)
    // Nobody is at it yet, so that whoever gets the message takes it up.
    const move = { id: randomUUID(), worker }
    const next = placed(counted, choice, { levels, now, heat: count, move })
    tx.set(tieredObjects, name, next)
    writeRaised(tx, table, count)
    return { object: next, target: choice.storageClass, level: levelOf(levels, count).name }
  })
  const moving = isMoving(object)
  if (moving) await tellTier({ object: name })
  return {
    status: 200,
    body: {
      id: asked,
      count,
      target,
      level,
      filename: object.filename,
      worker: (moving && object.move?.worker) || worker,
      status: moving ? 'update' : 'done',
    },
  }
}

const asked = z.strictObject({ id })

/** Whether the object's move is done. Throws MOVE_UNDER_WAY. */
export async function confirm({ req, user }: UserCall): Promise<Answer> {
  const { id: wanted } = await readJson(req, asked)
  const { object } = await findForUser(wanted, user)
  if (isMoving(object)) throw underWay(object)
  return { status: 200, body: { id: wanted } }
}

function underWay({ filename, move }: TieredObject): Problem {
  const where = `from ${move?.from} to ${move?.to}`
  return new Problem('MOVE_UNDER_WAY', `${filename} is being moved ${where}: check your status again.`, {
    headers: { 'Retry-After': '1' },
  })
}
