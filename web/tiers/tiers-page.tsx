import { useEffect, useState } from 'preact/hooks'
import type { Level } from '../../lib/tiers/levels.ts'
import type { LevelReport } from '../api/api.ts'
import { ForAdmins } from '../app/for-admins.tsx'
import { Loaded } from '../app/loaded.tsx'
import type { Tapedeck } from '../app/tapedeck.ts'
import { useText } from '../i18n/language.ts'
import { LevelTable } from './level-table.tsx'
import { StorageChart } from './storage-chart.tsx'
import { tiersText } from './text.ts'

/** Where MP3s and MP4s are kept by how often they are asked for, and what that costs. For administrators. */
export function TiersPage({ tapedeck }: { tapedeck: Tapedeck }) {
  const text = useText(tiersText)
  const { api } = tapedeck
  return (
    <ForAdmins tapedeck={tapedeck} title={text.title}>
      <Loaded load={() => Promise.all([api.levels(), api.levelReport()])}>
        {([levels, report]) => <Tiers levels={levels} report={report} api={api} />}
      </Loaded>
    </ForAdmins>
  )
}

const reportMilliseconds = 15_000

function Tiers({ levels, report, api }: { levels: Level[]; report: LevelReport } & Pick<Tapedeck, 'api'>) {
  const [saved, setSaved] = useState(levels)
  const [now, setNow] = useState(report)
  useEffect(() => {
    if (saved === levels) return
    // What belongs elsewhere is moved bit by bit: whoever stays sees that.
    const read = (): void => void api.levelReport().then(setNow, () => undefined)
    read()
    const timer = setInterval(read, reportMilliseconds)
    return () => clearInterval(timer)
  }, [saved])
  return (
    <>
      <LevelTable levels={saved} api={api} onSaved={setSaved} />
      <StorageChart report={now} />
    </>
  )
}
