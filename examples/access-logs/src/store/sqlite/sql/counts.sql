-- A row without a uri has the sum of those that are not among the ?3 that are asked for most; -1 is all.
with busiest as (
  select uri from uri_counts where day between ?1 and ?2 group by uri order by sum(count) desc, uri limit ?3
)
select c.day, b.uri, sum(c.count) as count
from uri_counts c
left join busiest b using (uri)
where c.day between ?1 and ?2
group by c.day, b.uri
order by c.day, b.uri is null, sum(c.count) desc, b.uri
