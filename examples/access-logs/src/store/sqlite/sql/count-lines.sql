-- The question itself, asked of the lines. The report asks uri_counts, which has the answer ready.
select substr(at, 1, 10) as day, uri, count(*) as count
from requests
group by substr(at, 1, 10), uri
order by 1, count(*) desc, uri
