// The columns of FOCUS (FinOps Open Cost and Usage Specification) that the export has, in its order.
export const focusColumns = [
  "BilledCost",
  "BillingAccountId",
  "BillingAccountName",
  "BillingCurrency",
  "BillingPeriodEnd",
  "BillingPeriodStart",
  "ChargeCategory",
  "ChargeDescription",
  "ChargeFrequency",
  "ChargePeriodEnd",
  "ChargePeriodStart",
  "ConsumedQuantity",
  "ConsumedUnit",
  "ContractedCost",
  "EffectiveCost",
  "InvoiceIssuerName",
  "ListCost",
  "ProviderName",
  "PublisherName",
  "RegionId",
  "ResourceId",
  "ResourceName",
  "ResourceType",
  "ServiceCategory",
  "ServiceName",
  "SubAccountId",
  "SubAccountName",
  "Tags",
] as const;

/** Amounts and quantities as text with six digits; null where FOCUS allows a column to be empty. */
export type FocusRow = Readonly<Record<(typeof focusColumns)[number], string | null>>;
