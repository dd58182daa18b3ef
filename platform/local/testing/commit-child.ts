import { openBus } from '../bus.ts'
import { openDatabase } from '../database.ts'
import { openRecords } from '../records.ts'

// A process to be killed by a test. Argument: the data folder. It says which number it has committed last, for ever.
const database = openDatabase(process.argv[2] ?? '')
const records = openRecords(database)
const bus = openBus(database, {}, 1)

for (let n = 1; ; n++) {
  await records.transact(async (tx) => {
    tx.set({ name: 'numbers' }, String(n), { n })
    tx.set({ name: 'numbers' }, 'last', { n })
  })
  await bus.publish('work', { n })
  process.stdout.write(`${n}\n`)
}
