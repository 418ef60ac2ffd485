// unlabelled — fields that name persons in published schemas that give their elements no Chinese name (舱单, 公路, 铁路 after
// the WCO data model), and those whose name is another thing elsewhere.

/** The element above, and the field. */
export const unlabelled: readonly string[] = [
  'RepresentativePerson/Name',
  'UNDGContact/Name',
  'UNDGContact/ID',
  'Contact/Name',
  'EmergencyContact/Name',
  'Communication/ID',
  'EntryHead/SendId',
  'Driver/Name',
  'Driver/ID',
  'Master/Name',
  'Passenger/Name',
  'CrewMember/Name',
]
