# SPDX-License-Identifier: GPL-2.0-only
"""Packets per bin in each direction across a takeover, as SVG by hand."""

from xml.sax.saxutils import escape

W, H = 1000, 300                # of one panel's plot area
LEFT, TOP, GAP = 70, 60, 90
COLOURS = {'out_gwa': '#1f6fb4', 'out_gwb': '#d9730d',
           'in_gwa': '#1f6fb4', 'in_gwb': '#d9730d'}
PANELS = [
    ('to the peer (ESP sent by the gateways)',
     [('out_gwa', 'gateway A'), ('out_gwb', 'gateway B')]),
    ('from the peer (delivered by the gateways on the inside LAN)',
     [('in_gwa', 'by gateway A'), ('in_gwb', 'by gateway B')]),
]


def text(x, y, s, size=13, anchor='start', extra=''):
    return ('<text x="%.1f" y="%.1f" font-size="%d" text-anchor="%s" %s>%s'
            '</text>' % (x, y, size, anchor, extra, escape(s)))


def line(x1, y1, x2, y2, colour, width=1, dash=''):
    dash = ' stroke-dasharray="%s"' % dash if dash else ''
    return ('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" '
            'stroke-width="%s"%s/>' % (x1, y1, x2, y2, colour, width, dash))


def nice_step(span, wanted):
    step = 1
    while span / step > wanted:
        step *= 5 if str(step)[0] == '2' else 2
    return step


def axes(y0, top, span_ms, offset_ms, name):
    out = [line(LEFT, y0, LEFT + W, y0, '#444'),
           line(LEFT, y0 - H, LEFT, y0, '#444'),
           text(LEFT, y0 - H - 10, name, 14, extra='font-weight="bold"')]
    step = nice_step(top, 6)
    for v in range(0, top + 1, step):
        y = y0 - H * v / top
        out += [line(LEFT - 4, y, LEFT + W, y, '#ddd' if v else '#444'),
                text(LEFT - 8, y + 4, str(v), 11, 'end')]
    ticks = max(500, nice_step(span_ms / 100, 14) * 100)
    t = -(offset_ms // ticks) * ticks
    while t <= span_ms - offset_ms:
        x = LEFT + W * (t + offset_ms) / span_ms
        out += [line(x, y0, x, y0 + 5, '#444'),
                text(x, y0 + 18, '%d' % t, 11, 'middle')]
        t += ticks
    out.append('<text transform="translate(%d %d) rotate(-90)" font-size="12" '
               'text-anchor="middle">packets per 10 ms</text>' %
               (LEFT - 45, y0 - H / 2))
    return out


def bars(row, y0, top, colour):
    width = W / len(row)
    return ['<path fill="%s" d="%s"/>' % (colour, ''.join(
        'M%.2f %.1fV%.1fh%.2fV%.1fz' % (LEFT + i * width, y0,
                                        y0 - H * v / top, width, y0)
        for i, v in enumerate(row) if v))]


def legend(series, y0):
    out, x = [], LEFT + W - 120 * len(series)
    for key, name in series:
        out += ['<rect x="%d" y="%d" width="12" height="12" fill="%s"/>' %
                (x, y0 - H - 21, COLOURS[key]), text(x + 17, y0 - H - 10, name)]
        x += 120
    return out


def markers(marks, span_ms, offset_ms, y_top, y_bottom):
    """Vertical lines with a letter each; the letters are explained below."""
    out, last, row = [], -100, 0
    for i, (_, ms) in enumerate(marks):
        x = LEFT + W * (ms + offset_ms) / span_ms
        if not LEFT <= x <= LEFT + W:
            continue
        row = row + 1 if x - last < 12 else 0
        last = x
        out += [line(x, y_top, x, y_bottom, '#b00', 1, '3 3'),
                text(x + 2, y_top + 11 + 12 * row, chr(65 + i), 11,
                     extra='fill="#b00" font-weight="bold"')]
    return out


def svg(bins, bin_ms, start, zero, events, title):
    n = max((len(r) for r in bins.values()), default=1)
    span_ms, offset_ms = n * bin_ms, (zero - start) * 1e3
    marks = [(name, (t - zero) * 1e3) for name, t in
             sorted(events, key=lambda e: e[1])]
    body, y0 = [text(LEFT, 28, title, 18, extra='font-weight="bold"')], 0
    for i, (name, series) in enumerate(PANELS):
        y0 = TOP + 30 + H + i * (H + GAP)
        rows = [(key, bins.get(key) or [0] * n) for key, _ in series]
        top = max(max(max(r) for _, r in rows), 1)
        body += axes(y0, top, span_ms, offset_ms, name)
        for key, row in rows:
            body += bars(row, y0, top, COLOURS[key])
        body += legend(series, y0)
        body += markers(marks, span_ms, offset_ms, y0 - H, y0)
    body.append(text(LEFT + W / 2, y0 + 38, 'ms from the cut', 12, 'middle'))
    y = y0 + 62
    for i, (name, ms) in enumerate(marks):
        body.append(text(LEFT + (i % 2) * W / 2, y + i // 2 * 19,
                         '%c  %.1f ms  %s' % (65 + i, ms, name), 13))
    height = y + (len(marks) + 1) // 2 * 19 + 10
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns='
            '"http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" '
            'height="%d" font-family="sans-serif">\n<rect width="100%%" '
            'height="100%%" fill="#fff"/>\n%s\n</svg>\n' %
            (LEFT + W + 30, height, LEFT + W + 30, height, '\n'.join(body)))
