"""What we ask of Jobber's GraphQL. Lists are short: what a query costs grows with `first`."""

VISIT = """
fragment Seen on Visit {
  id startAt endAt isComplete visitStatus instructions
  assignedUsers(first: 1) { nodes { id } }
  property { address { street city } }
  job { id title }
  client {
    firstName lastName
    phones { number normalizedPhoneNumber smsAllowed primary }
    emails { address primary }
  }
}
"""

ACCOUNT = "query Account { account { name } }"

ONE = "query Visit($id: EncodedId!) { visit(id: $id) { ...Seen } }" + VISIT

MANY = (
    """
query Visits($from: ISO8601DateTime!, $to: ISO8601DateTime!, $cursor: String) {
  visits(
    filter: { startAt: { after: $from, before: $to } }
    sort: [{ key: START_AT, direction: ASCENDING }]
    first: 50
    after: $cursor
  ) { nodes { ...Seen } pageInfo { endCursor hasNextPage } }
}
"""
    + VISIT
)

SCHEDULED = """
query Scheduled(
  $within: DateRange!, $users: [EncodedId!], $kind: ScheduledItemType, $cursor: String
) {
  scheduledItems(
    filter: { occursWithin: $within, assignedTo: $users, scheduleItemType: $kind }
    first: 50
    after: $cursor
  ) {
    nodes { __typename id startAt endAt allDay ... on Task { instructions } }
    pageInfo { endCursor hasNextPage }
  }
}
"""

SCHEDULE = """
mutation Schedule($id: EncodedId!, $input: VisitEditScheduleInput!) {
  visitEditSchedule(id: $id, input: $input) {
    visit { id startAt endAt } userErrors { path }
  }
}
"""

ASSIGN = """
mutation Assign($id: EncodedId!, $input: VisitEditAssignedUsersInput!) {
  visitEditAssignedUsers(visitId: $id, input: $input) { visit { id } userErrors { path } }
}
"""

CREATE = """
mutation Create($job: EncodedId!, $input: VisitCreateInput!) {
  visitCreate(jobId: $job, input: $input) {
    createdVisits { id startAt } userErrors { path }
  }
}
"""

DELETE = """
mutation Delete($ids: [EncodedId!]!) {
  visitDelete(visitIds: $ids) { userErrors { path } }
}
"""

WRITE = """
mutation Write($id: EncodedId!, $attributes: VisitEditAttributes!) {
  visitEdit(id: $id, attributes: $attributes) { visit { id } userErrors { path } }
}
"""

TASK = """
mutation Task($input: TaskCreateInput!) {
  taskCreate(input: $input) { task { id } userErrors { path } }
}
"""
