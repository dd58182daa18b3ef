import { join } from 'node:path'
import { build } from './build.ts'
import { root } from './root.ts'

const out = join(root, 'dist')
await build(out)
console.log(`Everything that a deployment consists of is in ${out}.`)
