import { program } from '../../tsup.base.ts'

export default program(['main/api', 'main/controller', 'main/check-schema'])
