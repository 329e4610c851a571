with
  requests as (delete from requests where file = $1),
  rejected_lines as (delete from rejected_lines where file = $1)
delete from uri_counts where file = $1
