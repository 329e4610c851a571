import { mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { drawChart, writeChart } from './chart.ts'
import { asCsv, asJson, asTable } from './formats.ts'

const COUNTS = [
  { day: '2017-11-01', uri: '/a', count: 12_345 },
  { day: '2017-11-01', uri: null, count: 7 },
  { day: '2017-11-02', uri: '/say,"hi"', count: 3 },
]
const HOSTILE = [{ day: '2017-11-01', uri: '/<script>&\u001B[2J', count: 1 }]

describe('a report', () => {
  it('is a table', () => {
    expect(asTable(COUNTS)).toBe(
      ['2017-11-01', '  12,345  /a', '       7  (others)', '', '2017-11-02', '       3  /say,"hi"'].join('\n'),
    )
    expect(asTable([])).toBe('There is nothing in these days.')
  })

  it('is CSV', () => {
    expect(asCsv(COUNTS)).toBe(
      'day,uri,count\r\n2017-11-01,/a,12345\r\n2017-11-01,(others),7\r\n2017-11-02,"/say,""hi""",3',
    )
  })

  it('is JSON', () => {
    expect(JSON.parse(asJson(COUNTS))).toEqual(COUNTS)
    expect(JSON.parse(asJson([]))).toEqual([])
  })

  it('lets no uri do anything to a terminal', () => {
    expect(asTable(HOSTILE)).toBe('2017-11-01\n  1  /<script>&\\x1b[2J')
  })
})

describe('a chart', () => {
  it('has a bar for each day, and a colour for each uri', () => {
    const svg = drawChart(COUNTS)
    expect(svg).toContain('Requests per day, 2017-11-01 to 2017-11-02')
    for (const word of ['/a', '(others)', '2017-11-02']) expect(svg).toContain(`>${word}</text>`)
  })

  it('of a single day has a bar for each uri', () => {
    const svg = drawChart(COUNTS.slice(0, 2))
    expect(svg).toContain('Requests on 2017-11-01')
    expect(svg).toContain('>12,345</text>')
  })

  it('is a picture also of uris that are no XML, and of nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobport-access-logs-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    for (const counts of [HOSTILE, []]) {
      await writeChart(join(folder, 'chart.png'), counts)
      expect(await sharp(join(folder, 'chart.png')).metadata()).toMatchObject({ format: 'png', width: 1_920 })
    }
    await writeChart(join(folder, 'chart.svg'), COUNTS)
    expect(readFileSync(join(folder, 'chart.svg'), 'utf8')).toMatch(/^<svg /)
  })
})
