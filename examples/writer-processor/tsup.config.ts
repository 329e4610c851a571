import { program } from '../../tsup.base.ts'

export default program(['main/writer', 'main/processor', 'main/redrive', 'main/load'])
