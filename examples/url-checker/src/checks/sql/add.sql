-- As many old rows leave as can come, so nothing has to sweep.
with expired as (
  delete from url_checker.checks
  where seq in (select seq from url_checker.checks order by seq limit 2)
    and finished_at < clock_timestamp() - make_interval(days => $6)
)
insert into url_checker.checks (id, url, outcome, report, submitted_at)
values ($1, $2, $3, $4, $5)
on conflict (id) do nothing
