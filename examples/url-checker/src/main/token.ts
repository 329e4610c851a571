// node dist/main/token.js NAME [DAYS]: prints a token with which NAME may submit URLs, for 30 days or so many.
import { ConfigurationError } from '@jobport/example-service'
import { Tokens } from '../api/tokens.ts'
import { tokenConfiguration } from '../configuration.ts'

const [name = '', days = '30'] = process.argv.slice(2)
if (name === '' || !/^\d{1,4}$/.test(days)) {
  console.error('Usage: token.js NAME [DAYS]')
  process.exit(2)
}
try {
  const { SECRET_KEY } = tokenConfiguration()
  console.log(await new Tokens(SECRET_KEY).sign(name, Number(days)))
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error
  console.error(error.message)
  process.exit(2)
}
