import { program } from '../../tsup.base.ts'

export default program(['main/generate', 'main/import', 'main/measure', 'main/report', 'main/worker'])
