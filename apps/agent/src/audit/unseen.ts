import { removeHiddenText } from '@gatehouse/policy/findings/hidden-in-results';

/** A text of somebody else without what a person would not see in it: nobody reads a name or a reason for that, and whoever hides something means a model. */
export function removeUnseen(text: string): string {
  return removeHiddenText(text, 'strip').text;
}
