import { createHash } from 'node:crypto'
import { seeded, type Random } from '../random.ts'

/** What one actor draws from: its own, so that what it draws does not depend on when the others do. */
export const dice = (seed: number, actor: string): Random =>
  seeded(createHash('sha256').update(`${seed} ${actor}`).digest().readUInt32BE(0))
