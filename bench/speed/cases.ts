/** Every case there is, each on a line of its own. */
export { clips } from './cases/clips.ts'
export { coldStart } from './cases/cold-start.ts'
export { encode } from './cases/encode.ts'
export { list } from './cases/list.ts'
export { load } from './cases/load.ts'
export { long } from './cases/long.ts'
export { memory } from './cases/memory.ts'
export { upload } from './cases/upload.ts'
