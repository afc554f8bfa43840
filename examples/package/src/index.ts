const GREETINGS = { de: 'Hallo', en: 'Hello', es: 'Hola', fr: 'Bonjour' };

/** The languages that `greet` knows. */
export const languages = Object.keys(GREETINGS);

/** A greeting for `name`. An unknown language is a RangeError that names the known ones. */
export function greet(name: string, language = 'en'): string {
  if (!Object.hasOwn(GREETINGS, language)) {
    throw new RangeError(`no greeting in ${language}; there are ${languages.join(', ')}`);
  }
  return `${GREETINGS[language as keyof typeof GREETINGS]}, ${name}!`;
}
