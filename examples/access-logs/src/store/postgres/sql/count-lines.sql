-- The question itself, asked of the lines. The report asks uri_counts, which has the answer ready.
select at::date::text as day, uri, count(*)::float8 as count
from requests
group by at::date, uri
order by at::date, count(*) desc, uri
