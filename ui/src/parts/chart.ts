import type uPlot from 'uplot'

import { language } from '@/i18n'

/** A line or area of a chart. */
export interface Series {
  label: string
  values: readonly (number | null)[]
  /** Which of the six marks; left out, its place. */
  mark?: 1 | 2 | 3 | 4 | 5 | 6
  shape?: 'line' | 'area' | 'bars'
}

// Steps of an axis that counts things.
const WHOLE = [0, 1, 2, 3, 4, 5, 6].flatMap((power) => [1, 2, 5].map((step) => step * 10 ** power))

// Dashes tell lines apart where colours do not.
const DASHES: readonly (number[] | undefined)[] = [undefined, [6, 4], [2, 3], [10, 4, 2, 4], [4, 2], [1, 4]]

/** A colour of the tokens as a canvas can use it: `light-dark()` resolved for the element. */
export function resolved(token: string, on: HTMLElement): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${token})`
  on.append(probe)
  const colour = getComputedStyle(probe).color
  probe.remove()
  return colour
}

/** How uPlot draws these series, in the colours and the face of the page. */
export function chartOptions(
  on: HTMLElement,
  series: readonly Series[],
  size: { width: number; height: number },
  words: { format: (value: number) => string; threshold: number | null; whole: boolean; tools: typeof uPlot },
): uPlot.Options {
  const colour = (token: string) => resolved(token, on)
  const font = `11px ${getComputedStyle(on).fontFamily}`
  const grid = { stroke: colour('--line'), width: 1 }
  const axis = { stroke: colour('--text-faint'), font, grid, ticks: { show: false } }
  return {
    ...size,
    // The last name of the axis at the bottom stands half beyond it.
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    axes: [
      { ...axis, size: 30, grid: { show: false }, values: (_, ticks) => ticks.map(moment) },
      { ...axis, size: 56, values: (_, ticks) => ticks.map(words.format), ...(words.whole && { incrs: WHOLE }) },
    ],
    scales: { y: { range: (_, least, most) => [Math.min(0, least ?? 0), Math.max(most ?? 1, words.threshold ?? 0, 1) * 1.08] } },
    series: [{}, ...series.map((one, index) => drawn(one, one.mark ?? ((index % 6) + 1), colour, words.tools))],
    hooks: words.threshold === null ? {} : { draw: [(plot) => drawThreshold(plot, words.threshold!, colour('--bad'))] },
  }
}

/** The time of a day, or where a day begins its date. */
function moment(seconds: number): string {
  const at = new Date(seconds * 1000)
  const midnight = at.getHours() === 0 && at.getMinutes() === 0
  const style: Intl.DateTimeFormatOptions = midnight ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
  return new Intl.DateTimeFormat(language(), style).format(at)
}

function drawn(one: Series, mark: number, colour: (token: string) => string, tools: typeof uPlot): uPlot.Series {
  const stroke = colour(`--series-${mark}`)
  const soft = stroke.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.14)')
  const base: uPlot.Series = { label: one.label, stroke, width: 1.75, points: { show: true, size: 5, fill: stroke, filter: (plot, index) => lonely(plot.data[index] ?? []) } }
  if (one.shape === 'bars') return { ...base, fill: stroke, width: 0, points: { show: false }, paths: tools.paths.bars!({ size: [0.7, 40], radius: 0.15 }) }
  if (one.shape === 'area') return { ...base, fill: soft }
  const dash = DASHES[mark - 1]
  return dash ? { ...base, dash } : base
}

/** Where a value has no neighbour: no line reaches it, and without a point it would not be seen. */
export function lonely(values: ArrayLike<number | null | undefined>): number[] {
  return Array.from(values, (_, index) => index).filter((index) => values[index] != null && values[index - 1] == null && values[index + 1] == null)
}

function drawThreshold(plot: uPlot, value: number, colour: string): void {
  const { ctx, bbox } = plot
  const y = plot.valToPos(value, 'y', true)
  ctx.save()
  ctx.strokeStyle = colour
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.restore()
}
