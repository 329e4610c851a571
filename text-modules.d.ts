// SQL and Lua live in files of their own and are imported as text (tsup.base.ts, vitest.config.ts).
declare module '*.sql' {
  const text: string
  export default text
}

declare module '*.lua' {
  const text: string
  export default text
}
