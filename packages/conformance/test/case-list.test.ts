import { expect, it } from 'vitest'
import { caseList } from '../src/matrix/case-list.ts'

it('the list of cases is that of the suite', async () => {
  await expect(caseList()).toMatchFileSnapshot('../CASES.md')
})
