import { Question } from '../app/question.tsx'
import { useText } from '../i18n/language.ts'
import { uploadsText } from './text.ts'

interface Props {
  question: string
  /** What goes. */
  loss: string
  onClose: () => void
  onCancel: () => void
}

/** Asks once more before what has been sent is lost. */
export function CancelDialog({ question, loss, onClose, onCancel }: Props) {
  const text = useText(uploadsText)
  return (
    <Question title={question} stay={text.goOn} go={text.cancelIt} onClose={onClose} onGo={onCancel}>
      <p class="quiet">{loss}</p>
    </Question>
  )
}
