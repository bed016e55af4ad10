"""Role x route x site: who gets what from every address, own site, another site, another study."""
from __future__ import annotations
import re
from collections import defaultdict
import pytest
from capture.access import Role
from tests.builders import Visitor
from tests.world import make_world
LETTERS = dict(zip(Role, "NIDMSUTA", strict=True))
ARG=re.compile(r"<(?:\w+:)?(\w+)>")
def test_x(app):
    w=make_world(app)
    vis={r:w.visitor(r) for r in Role}
    nobody=Visitor(app)
    dm=vis[Role.DATA_MANAGER]
    a=dm.post('/studies/gist-imatinib/audit/exports',{}); print(a.status_code,a.location)
    export_id=(a.location or 'x').split('/')[-1]
    a=dm.post('/studies/gist-imatinib/datasets',{'formats':'csv'}); print(a.status_code,a.location)
    page=dm.get('/studies/gist-imatinib/datasets').text
    m=re.search(r'datasets/([^/"]+)/bundle',page); export=m[1] if m else 'x'
    more={'export_id':export_id,'export':export,'token_hash':'0'*64}
    out=[]
    for rule in sorted(app.url_map.iter_rules(), key=lambda r:(r.rule,sorted(r.methods))):
        for method in sorted(rule.methods-{'HEAD','OPTIONS'}):
            if rule.endpoint in('static','accounts.sign_out'): continue
            res={}
            for place in ('own','other','elsewhere'):
                args={**getattr(w,place),**more}
                url=ARG.sub(lambda m:str(args[m[1]]),rule.rule)
                st=defaultdict(str)
                for role,v in [*vis.items(),(None,nobody)]:
                    if method=='GET': s=v.get(url).status_code
                    elif place=='own': s=v.post(url,{'request_id':''}).status_code
                    else: s=v.post(url).status_code
                    st[s]+=LETTERS.get(role,'-')
                res[place]=dict(st)
            print(method,rule.endpoint,res['own'],'| other',res['other'] if res['other']!=res['own'] else '=','| else',res['elsewhere'] if res['elsewhere']!=res['own'] else '=')
