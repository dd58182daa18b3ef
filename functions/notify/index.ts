import { topicFunction } from '../shared/event-function.ts'
import { notify } from './notify.ts'
import { channels } from './settings.ts'

topicFunction('notify', (message) => notify(message, channels))
