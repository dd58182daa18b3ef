import { readConfig } from '../../lib/config.ts'
import { formatBytes } from '../../lib/format.ts'
import { backUp } from './backup.ts'

// `npm run backup -- FOLDER`

const [target, ...others] = process.argv.slice(2)
try {
  if (target === undefined || others.length > 0)
    throw new Error('Name one folder that does not exist yet: npm run backup -- FOLDER')
  const { DATA_DIR } = readConfig(['DATA_DIR'])
  const { files, bytes } = await backUp(DATA_DIR, target)
  console.log(`${files} files (${formatBytes(bytes)}) and all records of ${DATA_DIR} are in ${target}.`)
  console.log(`Tapedeck starts from them with DATA_DIR=${target}.`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
