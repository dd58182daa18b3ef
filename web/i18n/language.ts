import { kept, keep } from '../kept.ts'
import { createStore, useStore, type Store } from '../store.ts'

/** The languages that the page speaks, each by its own name. */
export const languages = { en: 'English', ko: '한국어' } as const
export type Language = keyof typeof languages

/** The same words in each language. */
export type Texts<T> = Record<Language, T>

/** The words of one part of the page: the compiler sees to it that none is missing in a language. */
export const texts = <T>(en: T, ko: NoInfer<T>): Texts<T> => ({ en, ko })

const storageKey = 'tapedeck.language'

/** The one that was chosen here, else the first of the browser's that the page speaks, else English. */
export const language: Store<Language> = createStore(
  [kept(storageKey) ?? '', ...navigator.languages].map((tag) => tag.split('-')[0] ?? '').find(isLanguage) ??
    'en',
)

export function choose(chosen: Language): void {
  keep(storageKey, chosen)
  language.set(chosen)
}

export function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(languages, tag)
}

/** The words of one part of the page, in the language that is chosen. */
export const useText = <T>(of: Texts<T>): T => of[useStore(language)]
