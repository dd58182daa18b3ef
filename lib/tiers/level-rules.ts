/** What a level may be called. (Without a library, so that the page can know it as well.) */
export const levelName = /^[a-z0-9][a-z0-9-]{0,31}$/

export const mostLevels = 20
