import type { Attack } from '../attack.ts'
import { aviAttacks } from './avi.ts'
import { bombs } from './bombs.ts'
import { boxAttacks } from './boxes.ts'
import { matroskaAttacks, webmAttack } from './matroska.ts'
import { playlistAttacks } from './playlists.ts'
import { referenceAttacks } from './references.ts'

/** Every file that somebody might craft to be led, to be kept busy, or to be brought down. */
export const attacks: Attack[] = [
  ...playlistAttacks,
  ...referenceAttacks,
  ...aviAttacks,
  ...matroskaAttacks,
  webmAttack,
  ...boxAttacks,
  ...bombs,
]
