-- What a budget counts, and from when on it has counted without a gap (contract 3.9, 5.4): budget_periods.used is the sum
-- of the cost rows that the budget covers in that period, to the last digit, for every period from counted_from on.

-- Cost rows know a server by its name only, and keep it when the server is gone.
alter table budgets
    add column mcp_server varchar(100),
    add column counted_from timestamptz not null default now();

-- Periods are those of the UTC calendar; weeks begin on Monday.
create function budget_period_start(period text, moment timestamptz) returns timestamptz
language sql stable parallel safe
return date_trunc(case period when 'daily' then 'day' when 'weekly' then 'week' else 'month' end, moment, 'UTC');

-- The start of another period: so many after the one that starts then, or before it.
create function budget_period_beside(period text, starts timestamptz, periods integer) returns timestamptz
language sql stable parallel safe
return ((starts at time zone 'UTC') + periods * case period
    when 'daily' then interval '1 day' when 'weekly' then interval '7 days' else interval '1 month' end) at time zone 'UTC';

-- The percentages of the amount that are used up: those to be told of, and 100.
create function budget_percentages_passed(used numeric, amount numeric, alert_thresholds integer[]) returns integer[]
language sql immutable parallel safe
return array(
    select distinct percentage from unnest(alert_thresholds || 100) as percentage
    where used * 100 >= amount * percentage order by percentage);
