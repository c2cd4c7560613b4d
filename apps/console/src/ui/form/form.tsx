'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { type ComponentProps, useEffect, useRef } from 'react';
import {
  type Control,
  type DefaultValues,
  type FieldPath,
  type FieldPathByValue,
  type FieldValues,
  FormProvider,
  type Resolver,
  useController,
  useForm,
  useFormContext,
  useFormState,
  type UseFormReturn,
  useWatch,
} from 'react-hook-form';
import type { z } from 'zod';

import { describeIssue } from '@gatehouse/process/input-problems';

import { ErrorLine, toReadableError } from '../status/states.tsx';
import { Checkbox, type CheckboxProps } from './checkbox.tsx';
import { Choice, type ChoiceProps, LabelledChoice } from './choice.tsx';
import { Combobox, type ComboboxProps } from './combobox.tsx';
import { describeAtField, toSentence } from './field-words.ts';
import { Input, type InputProps, Textarea, type TextareaProps } from './input.tsx';
import { LeaveGuard } from './leave-guard.tsx';
import { Select, type SelectProps } from './select.tsx';
import { addTooLong, describeTooLong } from './too-long.ts';

/** Where a schema has no sentence of its own for a field: there the words stand alone. */
const describeInField: z.core.$ZodErrorMap = (issue) => toSentence(describeIssue(issue));

/**
 * A form whose schema says what is wrong: when it is submitted, and from then on as it is corrected. `values`: what it starts with once that
 * is known; they may change, and what somebody has entered stays.
 */
export function useSchemaForm<In extends FieldValues, Out>(
  schema: z.ZodType<Out, In>,
  defaultValues?: DefaultValues<In>,
  values?: In,
) {
  const check = zodResolver(schema, { error: describeInField });
  const resolve: Resolver<In, unknown, Out> = async (given, context, options) => {
    const checked = await check(given, context, options);
    const errors = addTooLong<In>(checked.errors, given, options);
    return Object.keys(errors).length === 0 ? checked : { values: {}, errors };
  };
  return useForm<In, unknown, Out>({
    resolver: resolve,
    defaultValues,
    ...(values && { values, resetOptions: { keepDirtyValues: true } }),
    shouldFocusError: false,
  });
}

export interface FormProps<In extends FieldValues, Out> extends Omit<ComponentProps<'form'>, 'onSubmit'> {
  form: UseFormReturn<In, unknown, Out>;
  /** takes what the schema made of the fields; called only when nothing is wrong */
  onSubmit: (values: Out) => void;
  /** what is entered is not lost with the page, because it is sent already, or kept elsewhere: nobody is asked before leaving */
  isKept?: boolean;
}

/**
 * Fields inside find the form with react-hook-form's `useFormContext`. A refused submit goes to the first field with a problem. Asks before
 * the page is left with something entered and unsaved.
 */
export function Form<In extends FieldValues, Out>({ form, onSubmit, isKept = false, ...rest }: FormProps<In, Out>) {
  const element = useRef<HTMLFormElement>(null);
  const { submitCount, isDirty } = useFormState({ control: form.control });
  useEffect(() => {
    // As the page shows them: react-hook-form knows only in which order fields appeared, and no choices.
    if (submitCount > 0) element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [submitCount]);
  return (
    <FormProvider {...form}>
      <form ref={element} noValidate onSubmit={(event) => void form.handleSubmit(onSubmit)(event)} {...rest} />
      <LeaveGuard unsaved={isDirty && !isKept} />
    </FormProvider>
  );
}

export interface FormErrorProps<In extends FieldValues> {
  /** as react-query gives it */
  error: unknown;
  /** which field of the form shows an error about which field of the request */
  fields: Readonly<Record<string, FieldPath<In>>>;
  className?: string;
}

/** What the server refused: at the field that it is about, which gets the focus; otherwise in a line of its own. */
export function FormError<In extends FieldValues>({ error, fields, className }: FormErrorProps<In>) {
  const { setError } = useFormContext<In>();
  const { message, field } = toReadableError(error);
  const shownAt = field === null ? undefined : fields[field];
  const words = field === null ? message : describeAtField(message, field);
  useEffect(() => {
    if (error && shownAt !== undefined) setError(shownAt, { message: words }, { shouldFocus: true });
  }, [error, words, shownAt, setError]);
  return error && shownAt === undefined ? <ErrorLine error={error} className={className} /> : null;
}

interface Bound<In extends FieldValues, Out, Value> {
  control: Control<In, unknown, Out>;
  name: FieldPathByValue<In, Value>;
}

function useFieldError<In extends FieldValues, Out>({ control, name }: Bound<In, Out, string>): string | undefined {
  return control.getFieldState(name, useFormState({ control, name })).error?.message;
}

/** What the form itself gives to a field. */
type FromForm = 'name' | 'value' | 'error' | 'ref' | 'onChange' | 'onBlur';

/** What is wrong with a text: that it is too long as soon as it is, everything else once it was submitted. */
function useTextError<In extends FieldValues, Out>(
  { control, name }: Bound<In, Out, string>,
  most: number | undefined,
): string | undefined {
  const error = useFieldError({ control, name });
  return describeTooLong(useWatch({ control, name }), most) ?? error;
}

export type TextFieldProps<In extends FieldValues, Out> = Bound<In, Out, string> & Omit<InputProps, FromForm>;

/** A line of text of a form. */
export function TextField<In extends FieldValues, Out>(props: TextFieldProps<In, Out>) {
  const { control, name, maxLength, ...rest } = props;
  return <Input {...rest} error={useTextError({ control, name }, maxLength)} {...control.register(name, { maxLength })} />;
}

/** Several lines of text of a form. */
export function TextareaField<In extends FieldValues, Out>(props: Bound<In, Out, string> & Omit<TextareaProps, FromForm>) {
  const { control, name, maxLength, ...rest } = props;
  return <Textarea {...rest} error={useTextError({ control, name }, maxLength)} {...control.register(name, { maxLength })} />;
}

/** One choice of a form; an empty text is no choice yet. */
export function SelectField<In extends FieldValues, Out>(
  props: Bound<In, Out, string> & Omit<SelectProps<string>, FromForm | 'onValueChange'>,
) {
  const { control, name, ...rest } = props;
  const { field, fieldState } = useController({ control, name });
  return <Select {...rest} error={fieldState.error?.message} value={field.value || null} onValueChange={field.onChange} />;
}

/** One choice of a form out of a list that may be long; null while nothing is chosen. */
export function ComboboxField<In extends FieldValues, Out>(
  props: Bound<In, Out, string | null> & Omit<ComboboxProps, 'value' | 'onValueChange'>,
) {
  const { control, name, ...rest } = props;
  const { field } = useController({ control, name });
  return <Combobox {...rest} value={field.value} onValueChange={field.onChange} />;
}

/** One of two or three choices of a form, side by side. */
export function ChoiceField<In extends FieldValues, Out>(
  props: Bound<In, Out, string> & Omit<ChoiceProps<string>, 'value' | 'onValueChange'>,
) {
  const { control, name, ...rest } = props;
  const { field } = useController({ control, name });
  return <Choice {...rest} value={field.value || null} onValueChange={field.onChange} />;
}

/** The same under its own words. */
export function LabelledChoiceField<In extends FieldValues, Out>(
  props: Bound<In, Out, string> & Omit<ChoiceProps<string>, 'value' | 'onValueChange' | 'className'>,
) {
  const { control, name, ...rest } = props;
  const { field } = useController({ control, name });
  return <LabelledChoice {...rest} value={field.value || null} onValueChange={field.onChange} />;
}

/** A box to tick of a form. */
export function CheckboxField<In extends FieldValues, Out>(
  props: Bound<In, Out, boolean> & Omit<CheckboxProps, 'name' | 'checked' | 'onCheckedChange'>,
) {
  const { control, name, ...rest } = props;
  const { field } = useController({ control, name });
  return <Checkbox {...rest} checked={field.value} onCheckedChange={field.onChange} />;
}
