def test_x(two_lists, tiny_town):
    from collections import Counter
    for h in (two_lists.first, two_lists.second):
        e=two_lists.entries(h)
        print(h.as_of,len(e),Counter(x.status for x in e),Counter(x.district for x in e if x.shown), Counter(x.change for x in e), Counter(x.band for x in e))
        for x in e[:12]:
            print(x.rank,x.overall_rank,x.district,x.team,x.probability,x.band,x.change,x.weeks,x.discharged_on,x.weekly_minutes)
            for r in x.reasons: print('   ',round(r.strength,2),r.da,'|',r.en,'|',[ (q.text,q.marks) for q in r.quotes], r.trend)
            for r in x.against: print('   -',round(r.strength,2),r.da)
